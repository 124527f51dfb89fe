"""``python -m voicebot.cli``."""

from voicebot.cli.main import main

if __name__ == "__main__":
    main()
