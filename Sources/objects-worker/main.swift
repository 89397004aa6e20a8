import Base
import Glibc
import Objects

// Puts and collects objects of a folder until it is killed, for tests of what a death at any instant leaves behind:
//
//     objects-worker put FOLDER SEED       puts objects; each that is done is told as a line with its name
//     objects-worker upload FOLDER SEED    makes uploads and brings them in chunks, telling `ID OFFSET` behind each, and the object's name
//     objects-worker collect FOLDER        collects with no reference at all, again and again, and tells how often

func stop(_ message: String) -> Never {
  put("objects-worker: \(message)\n", on: 2)
  exit(2)
}

/// Written at once: the next step may be the last.
func put(_ text: String, on descriptor: Int32 = 1) { _ = write(descriptor, text, text.utf8.count) }

let arguments = CommandLine.arguments
guard arguments.count > 2 else { stop("put, upload or collect, a folder and a seed are needed") }
do {
  let objects = try ObjectFolder(arguments[2], reserve: 0)
  switch (arguments[1], arguments.count > 3 ? UInt64(arguments[3]) : nil) {
  case ("put", let seed?):
    var work = Work(objects, seed: seed)
    try work.putForEver()
  case ("upload", let seed?):
    var work = Work(objects, seed: seed)
    try work.uploadForEver()
  case ("collect", _): try Work(objects, seed: 0).collectForEver()
  default: stop("'\(arguments[1])' is not known")
  }
} catch {
  stop(error.message)
}
