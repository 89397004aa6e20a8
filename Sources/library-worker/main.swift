import Base
import Catalog
import Glibc
import Library
import Objects
import Search
import Uploads

// Works on a library until it is killed, for tests of what a death at any instant leaves behind, and of a disk that is full:
//
//     library-worker share FOLDER SEED    eight threads add, analyse, move and delete the same assets, settle and collect; each operation that
//                                         was acknowledged is told as a line
//     library-worker own FOLDER SEED      eight threads do so each with assets of its own, and upload; told is what each asset is to become,
//                                         and what it was acknowledged to be
//     library-worker events FOLDER N,M,S  N streams of the client "local" each have M events a second for S seconds: each that is written is told
//                                         as a line
//     library-worker moments FOLDER SEED  four threads add, analyse, move and delete films, and have things happen in streams, while others keep the
//                                         moments of all that in step, and ask alerts of them
//     library-worker fill FOLDER KIND     one operation on a disk that is full, and what is left of it

func stop(_ message: String) -> Never {
  put("library-worker: \(message)\n", on: 2)
  exit(2)
}

/// Written at once: the next step may be the last.
func put(_ text: String, on descriptor: Int32 = 1) { _ = write(descriptor, text, text.utf8.count) }

func run(_ body: @escaping @Sendable (Int) throws(Fault) -> Void) {
  let threads = (0..<8).map { number in
    NativeThread {
      do throws(Fault) { try body(number) } catch {
        stop("thread \(number): \(error.kind) \(error.message) (\(error.cause ?? "no cause"))")
      }
    }
  }
  for thread in threads { thread.join() }
}

let arguments = CommandLine.arguments
guard arguments.count == 4 else {
  stop("share, own, events, moments or fill, a folder, and a seed or what is to be done are needed")
}
do throws(Fault) {
  let library = try Library(arguments[2])
  let seed = UInt64(arguments[3]) ?? 0
  switch arguments[1] {
  case "share":
    let pool = try AssetPool(library)
    run { (number) throws(Fault) in
      var work = SharedWork(library, pool, seed: seed, thread: number)
      while true { try work.step() }
    }
  case "own":
    // As a server does when it starts.
    try library.removeRemains()
    try library.finishUploads(examiner: WorkExaminer())
    // Those that are over would be kept for days.
    _ = try library.uploads.remove { $0.result != nil }
    run { (number) throws(Fault) in
      var work = try OwnWork(library, seed: seed, thread: number)
      while true { try work.step() }
    }
  case "moments":
    for client in ["c0", "c1"] {
      try library.admit(client)
      for (name, query) in MomentWork.alerts {
        _ = try AlertDesk(library).add(name, query: query, zone: nil, client: client, scope: .all)
      }
    }
    let service = MomentService(library) { _ in }
    defer { service.stop() }
    run { (number) throws(Fault) in
      let desk = MomentDesk(library)
      var work = try MomentWork(library, seed: seed, thread: number)
      while true { if number < 4 { try work.step() } else { try desk.settle(within: 1) } }
    }
  case "events": try EventWork(library, arguments[3]).run()
  case "fill": try Filling(library, arguments[3]).run()
  default: stop("'\(arguments[1])' is not known")
  }
} catch {
  stop("\(error.message) (\(error.cause ?? "no cause"))")
}
