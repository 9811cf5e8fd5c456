"""The processor: article -> mentions -> events and claims -> control -> alerts."""
