import Base
import Fuzz
import Glibc

// Goes through one target again and again with damaged copies of a file, and says before each which it is at, so that the one that
// started it knows what it died of:
//
//     fuzz-worker TARGET FILE FOLDER SECONDS MUTATION…      MUTATION is cut:N, flip:SEED or mix:SEED
//
// The damaged copy stands in FOLDER under the file's own name. Each line of output is `MUTATION ok`, `MUTATION fault KIND MESSAGE`; one
// that takes longer than SECONDS ends the process by SIGALRM.

func stop(_ message: String) -> Never {
  put("fuzz-worker: \(message)\n", on: 2)
  exit(2)
}

/// Written at once: the next step may be the last.
func put(_ text: String, on descriptor: Int32 = 1) { _ = write(descriptor, text, text.utf8.count) }

let arguments = CommandLine.arguments
guard arguments.count > 5, let target = FuzzTarget(rawValue: arguments[1]), let seconds = UInt32(arguments[4]) else {
  stop("TARGET FILE FOLDER SECONDS MUTATION… are needed")
}
let (file, folder) = (arguments[2], arguments[3])
do {
  let bytes = try FileSystem.read(file)
  let copy = "\(folder)/\(FileSystem.name(of: file))"
  for word in arguments[5...] {
    guard let mutation = Mutation(word) else { stop("'\(word)' is no mutation") }
    let broken = mutation.apply(to: bytes)
    try FileSystem.write(broken, to: copy)
    put("\(word) ")
    alarm(seconds)
    do {
      try target.enter(broken, file: copy)
      put("ok\n")
    } catch {
      put("fault \(error.kind.rawValue) \(error.message.split(separator: "\n").joined(separator: " "))\n")
    }
    alarm(0)
  }
} catch {
  stop(error.message)
}
