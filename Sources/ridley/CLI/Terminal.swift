import Base
import Glibc
import Synchronization

/// Standard output for answers, standard error for everything else.
enum Terminal {
  /// A person watches standard error: progress may be drawn there.
  static let isWatched = isatty(STDERR_FILENO) == 1

  /// Takes away a line that was drawn and not ended.
  static func wipe() { if isWatched { draw("\r\u{1B}[K") } }

  /// Text in which what a file or model is called does nothing to the terminal that shows it: control characters but line ends and
  /// tabs are spelled out, as JSON spells them.
  static func plain(_ text: String) -> String {
    let isControl = { (scalar: Unicode.Scalar) in
      scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
    }
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if isControl(scalar) {
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  static func print(_ text: String) throws(Fault) {
    let sink = FileSink(standardOutput: ())
    try sink.write(plain(text))
    try sink.flush()
  }

  static func complain(of fault: Fault) {
    say("ridley: \(fault.message)\n", isFault: true)
    if let cause = fault.cause, getenv("RIDLEY_DEBUG") != nil { complain("because:\n\(cause)\n") }
  }

  /// Best effort: it cannot be told when standard error is gone.
  static func complain(_ text: String) { say(text, isFault: false) }

  /// The same of a secret, which goes to standard error and into no log.
  static func confide(_ text: String) { draw(plain(text)) }

  /// The same that no hearer is told of, as what is wrong with the hearing.
  static func complainUnheard(_ text: String) { write(text, isFault: false) }

  private static func write(_ text: String, isFault: Bool) {
    if isJSON.load(ordering: .relaxed) {
      for line in text.split(separator: "\n") { FunctionLog.write(String(line), isFault ? .error : .warn) }
    } else {
      draw(plain(text))
    }
  }

  private static func say(_ text: String, isFault: Bool) {
    write(text, isFault: isFault)
    let rest = text.drop(while: \.isWhitespace)
    guard !rest.isEmpty else { return }
    let line = String(rest.last == "\n" ? rest.dropLast() : rest)
    log.update { $0.add(plain(line), isFault: isFault, at: Int(Clock.seconds * 1000)) }
    if let hear = hearer.update({ $0 }) { hear(line, isFault) }
  }

  private static let log = Monitor(LogRing())

  /// The last of what was told, the oldest first.
  static func lines(_ count: Int, faultsOnly: Bool = false) -> [LogRing.Line] {
    log.update { $0.last(count, faultsOnly: faultsOnly) }
  }

  /// Called with each line that is told, and whether it is of a fault; it must not tell anything itself.
  typealias Hearer = @Sendable (_ text: String, _ isFault: Bool) -> Void

  private static let hearer = Monitor<Hearer?>(nil)

  /// Has somebody hear what is told from now on, or nobody.
  static func hear(_ hearer: Hearer?) { self.hearer.update { $0 = hearer } }

  private static let isJSON = Atomic<Bool>(false)

  /// From now on complaints are lines of JSON, for a platform that reads them.
  static func writesJSON() { isJSON.store(true, ordering: .relaxed) }

  /// The same with what moves the cursor.
  static func draw(_ text: String) {
    guard isRead else { return }
    try? Descriptor.write(Array(text.utf8).span.bytes, to: STDERR_FILENO)
  }

  /// Milliseconds that a full pipe behind standard error is waited for; 0 for as long as it takes.
  private static let patience = Atomic<Int32>(0)

  /// A reader that does not read costs lines from now on, and no longer whoever tells something.
  static func neverWaits() { patience.store(200, ordering: .relaxed) }

  private static var isRead: Bool {
    let patience = patience.load(ordering: .relaxed)
    guard patience > 0 else { return true }
    var place = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
    return poll(&place, 1, patience) > 0
  }
}
