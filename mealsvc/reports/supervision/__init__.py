"""Papers of supervision (监督文书): what each must contain, its facts, and one drawing a file."""
