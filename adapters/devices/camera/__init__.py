"""Pictures: a camera of Video for Linux, and a folder that stands for one."""
