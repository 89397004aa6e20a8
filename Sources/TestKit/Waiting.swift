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
    for what: String, seconds: Double = 30, file: String = #fileID, line: Int = #line,
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
/// - Throws: ``NotInTime``, with what was waited for and where, and what `isSo` throws.
public func waitUntil(
  _ what: String, seconds: Double = 30, file: String = #fileID, line: Int = #line, _ isSo: () throws -> Bool
) throws {
  let end = Clock.now + UInt64(seconds * 1e9)
  while try !isSo() {
    guard Clock.now < end else { throw NotInTime(what, seconds, SourcePlace(file: file, line: line)) }
    usleep(1000)
  }
}
