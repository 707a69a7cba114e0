/// The version that `--version` prints and that files name as their maker's.
public let posetopVersion = "0.1.0"
