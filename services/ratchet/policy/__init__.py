"""Prompts in, rollouts out: the policy, served by vLLM."""
