"""Where people and other programs meet the log: articles in, commands, HTTP."""
