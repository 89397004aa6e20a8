import Base
import Isolation

/// What one file gave, kept on disk until its turn to be told has come.
final class AnalyzeSpool {
  enum Entry {
    case said(Message)
    /// The last one: the file failed.
    case failed(Fault, asset: String?)
  }

  private let path: String
  private var sink: FileSink?
  private var failure: (Fault, String?)?

  init(_ path: String) { self.path = path }

  func add(_ entry: Entry) throws(Fault) {
    switch entry {
    case .failed(let fault, let asset): failure = (fault, asset)
    case .said(let message):
      if sink == nil { sink = try FileSink(path) }
      var head = [message.kind]
      for shift in [0, 8, 16, 24] { head.append(UInt8(truncatingIfNeeded: message.bytes.count >> shift)) }
      try sink!.write(head + message.bytes)
    }
  }

  /// Calls `body` with all of it, in order, and lets it go.
  func forEach(_ body: (Entry) throws(Fault) -> Void) throws(Fault) {
    if let sink {
      try sink.finish()
      let file = try PlainFile(path)
      while case let head = try file.read(5), head.count == 5 {
        let count = (0..<4).reduce(0) { $0 | Int(head[$1 + 1]) << (8 * $1) }
        try body(.said(Message(kind: head[0], bytes: try file.read(count))))
      }
      try FileSystem.remove(path)
    }
    if let failure { try body(.failed(failure.0, asset: failure.1)) }
  }
}
