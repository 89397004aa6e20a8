import Base
import CMalloc
import Glibc
import Isolation

// What one thread allocates and another frees would leave a half-empty arena behind for each of them.
mallopt(M_ARENA_MAX, 2)
// Tables that grow with a film, such as the container's, move without a second copy and leave no holes.
mallopt(M_MMAP_THRESHOLD, 256 << 10)

// A reader that goes away (`ridley … | head`) ends the program the usual way, not with a fault about a pipe.
signal(SIGPIPE, SIG_DFL)
Interrupt.listenAsFirst()
do {
  ChildProcess.leave(try Router.run(Array(CommandWords.all.dropFirst())).rawValue)
} catch {
  Terminal.complain(of: error)
  ChildProcess.leave(ExitCode(error.kind).rawValue)
}
