"""Every way a person reaches SpeechQA: command line, chat, pages; and where the parts are wired together."""
