"""Approvals: who must sign next, and what a signature decides. Pure: tasks in, decisions out."""
