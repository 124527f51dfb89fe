"""Talk analysis: which words work, with sample sizes and intervals, and where a script loses people."""
