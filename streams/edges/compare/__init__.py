"""What two versions of the rules say of the same articles, and the sentences that make the difference."""
