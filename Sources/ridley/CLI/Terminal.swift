import Base
import Glibc

/// Standard output for answers, standard error for everything else.
enum Terminal {
  /// A person watches standard error: progress may be drawn there.
  static let isWatched = isatty(STDERR_FILENO) == 1

  /// Takes away a line that was drawn and not ended.
  static func wipe() { if isWatched { complain("\r\u{1B}[K") } }

  static func print(_ text: String) throws(Fault) {
    let sink = FileSink(standardOutput: ())
    try sink.write(text)
    try sink.flush()
  }

  static func complain(of fault: Fault) {
    complain("ridley: \(fault.message)\n")
    if let cause = fault.cause, getenv("RIDLEY_DEBUG") != nil { complain("because:\n\(cause)\n") }
  }

  /// Best effort: it cannot be told when standard error is gone.
  static func complain(_ text: String) {
    try? Descriptor.write(Array(text.utf8).span.bytes, to: STDERR_FILENO)
  }
}
