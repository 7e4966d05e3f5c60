"""Commands on JSON lines: files of prompts and answers, scored by a judge service."""
