"""X and Telegram on your own machine, over real HTTP, for trying, testing and breaking. Nobody else is asked."""
