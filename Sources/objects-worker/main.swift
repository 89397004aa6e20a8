import Base
import Foundation
import Objects

// Puts and collects objects until it is killed, for tests of what a death at any instant leaves behind, and says what each place is able to:
//
//     objects-worker put PLACE SEED        puts objects; each that is done is told as a line with its name
//     objects-worker upload FOLDER SEED    makes uploads and brings them in chunks, telling `ID OFFSET` behind each, and the object's name
//     objects-worker large PLACE SEED MIB  puts one object whose name is known; tells the name, then each MiB, then how many parts were there
//     objects-worker collect PLACE         collects with no reference at all, again and again, and tells how often
//     objects-worker measure PLACE MIB     puts an object, reads it in ranges and verifies it; tells how fast
//
// PLACE is a folder, or s3://BUCKET/PREFIX by the environment's endpoint and credentials, with RIDLEY_SCRATCH for its folder.

func stop(_ message: String) -> Never {
  put("objects-worker: \(message)\n", on: 2)
  exit(2)
}

/// Written at once: the next step may be the last.
func put(_ text: String, on descriptor: Int32 = 1) { _ = write(descriptor, text, text.utf8.count) }

func store(_ place: String) throws(Fault) -> any ObjectStore {
  guard place.hasPrefix("s3://") else { return try ObjectFolder(place, reserve: 0) }
  let environment = ProcessInfo.processInfo.environment
  let client = S3Client(
    try S3Address(place, environment: environment), try S3Credentials(environment: environment))
  guard let scratch = environment["RIDLEY_SCRATCH"] else { throw Fault(.usage, "RIDLEY_SCRATCH is not set") }
  try client.makeBucket()
  let store = try S3ObjectStore(client, scratch: scratch) { fault in put("\(fault)\n", on: 2) }
  try store.check()
  return store
}

let arguments = CommandLine.arguments
guard arguments.count > 2 else { stop("put, upload, large, collect or measure, a place and a seed are needed") }
do {
  let objects = try store(arguments[2])
  let numbers = arguments.dropFirst(3).compactMap { UInt64($0) }
  switch (arguments[1], numbers.first) {
  case ("put", let seed?):
    var work = Work(objects, seed: seed)
    try work.putForEver()
  case ("upload", let seed?):
    var work = Work(objects, seed: seed)
    guard let folder = objects as? ObjectFolder else { stop("uploads are of a folder") }
    try work.uploadForEver(folder)
  case ("large", let seed?) where numbers.count > 1:
    try Work(objects, seed: seed).putLarge(Int(numbers[1]))
  case ("measure", let size?): try Measure(objects).run(Int(size))
  case ("collect", _): try Work(objects, seed: 0).collectForEver()
  default: stop("'\(arguments[1])' is not known")
  }
} catch {
  stop(error.message)
}
