"""What tests of adapters and definitions stand on; nothing here runs in service."""
