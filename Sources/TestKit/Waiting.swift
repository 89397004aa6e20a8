import Base
import Glibc

/// What a test waited for did not come; fails the test in its own words.
public struct NotInTime: Error, CustomStringConvertible {
  public let description: String

  init(_ what: String, _ seconds: Double, _ place: SourcePlace) {
    description = "\(place.file):\(place.line) waited \(Int(seconds.rounded(.up))) s for \(what)"
  }
}

struct SourcePlace {
  var file: String
  var line: Int
}

extension Monitor {
  /// Sleeps until `body` gives something, as ``wait(until:)`` does, but not for ever: a server that is broken is to fail its test and
  /// not to hang all of them.
  ///
  /// - Throws: ``NotInTime``, with what was waited for and where.
  public func wait<Result>(
    for what: String, seconds: Double = 120, file: String = #fileID, line: Int = #line,
    until body: (inout Value) -> Result?
  ) throws -> Result {
    guard let result = wait(before: Clock.now + UInt64(seconds * 1e9), until: body) else {
      throw NotInTime(what, seconds, SourcePlace(file: file, line: line))
    }
    return result
  }
}

/// Asks again and again until something is so; for what no ``Monitor`` tells.
///
/// It rests for as long as the asking took, a millisecond at least and a tenth of a second at most: many ask a program of their own, which would take
/// a core from what is waited for.
///
/// - Throws: ``NotInTime``, with what was waited for and where, and what `isSo` throws.
public func waitUntil(
  _ what: String, seconds: Double = 120, file: String = #fileID, line: Int = #line, _ isSo: () throws -> Bool
) throws {
  let end = Clock.now + UInt64(seconds * 1e9)
  while true {
    let asked = Clock.now
    if try isSo() { return }
    let now = Clock.now
    guard now < end else { throw NotInTime(what, seconds, SourcePlace(file: file, line: line)) }
    usleep(UInt32(min(100_000, max(1000, (now - asked) / 1000))))
  }
}
