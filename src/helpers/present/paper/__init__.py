"""Pages to print: Markdown as blocks, and the template that sets each as large as its page allows."""
