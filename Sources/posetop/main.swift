import Glibc

exit(runPosetop(CommandLine.arguments))
