import Base
import Fuzz
import Glibc

// Goes through one door again and again with damaged copies of a file, and says before each which it is at, so that whoever
// started it knows what it died of:
//
//     fuzz-worker DOOR FILE FOLDER SECONDS DAMAGE…      DAMAGE is cut:N, flip:SEED or mix:SEED
//
// The damaged copy stands in FOLDER under the file's own name. Each line of output is `DAMAGE ok`, `DAMAGE fault KIND MESSAGE`; one
// that takes longer than SECONDS ends the process by SIGALRM.

func stop(_ message: String) -> Never {
  put("fuzz-worker: \(message)\n", on: 2)
  exit(2)
}

/// Written at once: the next step may be the last.
func put(_ text: String, on descriptor: Int32 = 1) { _ = write(descriptor, text, text.utf8.count) }

let arguments = CommandLine.arguments
guard arguments.count > 5, let door = Door(rawValue: arguments[1]), let seconds = UInt32(arguments[4]) else {
  stop("DOOR FILE FOLDER SECONDS DAMAGE… are needed")
}
let (file, folder) = (arguments[2], arguments[3])
do {
  let bytes = try Disk.read(file)
  let target = "\(folder)/\(Disk.name(of: file))"
  for word in arguments[5...] {
    guard let damage = Damage(word) else { stop("'\(word)' is no damage") }
    let broken = damage.apply(to: bytes)
    try Disk.write(broken, to: target)
    put("\(word) ")
    alarm(seconds)
    do {
      try door.enter(broken, file: target)
      put("ok\n")
    } catch {
      put("fault \(error.kind.rawValue) \(error.message.split(separator: "\n").joined(separator: " "))\n")
    }
    alarm(0)
  }
} catch {
  stop(error.message)
}
