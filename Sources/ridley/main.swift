import Base
import CMalloc
import Glibc

// What one thread allocates and another frees would leave a half-empty arena behind for each of them.
mallopt(M_ARENA_MAX, 2)

// A reader that goes away (`ridley … | head`) ends the program the usual way, not with a fault about a pipe.
signal(SIGPIPE, SIG_DFL)
do {
  let code = try Router.run(Array(CommandLine.arguments.dropFirst()))
  exit(code.rawValue)
} catch {
  Terminal.complain("ridley: \(error.message)\n")
  if let cause = error.cause, getenv("RIDLEY_DEBUG") != nil { Terminal.complain("because:\n\(cause)\n") }
  exit(ExitCode(error.kind).rawValue)
}
