public import Base

extension TimeRules {
  /// Reads a file of a zone, TZif of version 1 to 4 (RFC 9636); bytes that are none are a fault that names the zone.
  ///
  /// Zones that count leap seconds are refused: times since 1970 do not.
  public init(tzif bytes: [UInt8], name: String) throws(Fault) {
    var reader = ByteReader(bytes)
    let short = try Header(&reader, name)
    guard short.version >= UInt8(ascii: "2") else {
      let body = try short.body(&reader, timeSize: 4)
      self.init(name: name, first: body.first, changes: body.changes)
      return
    }
    guard reader.take(count: short.byteCount(timeSize: 4)) != nil else { throw Self.damaged(name, "it is cut off") }
    let header = try Header(&reader, name)
    let body = try header.body(&reader, timeSize: 8)
    guard reader.take("\n") else { throw Self.damaged(name, "its rule is missing") }
    let text = reader.take { $0 != UInt8(ascii: "\n") }
    guard reader.take("\n") else { throw Self.damaged(name, "its rule is cut off") }
    let rule = text.isEmpty ? nil : YearlyRule(text)
    guard text.isEmpty || rule != nil else {
      throw Self.damaged(name, "its rule '\(String(decoding: text.prefix(40), as: UTF8.self))' cannot be read")
    }
    self.init(name: name, first: body.first, changes: body.changes, rule: rule)
  }

  fileprivate static func damaged(_ name: String, _ why: String) -> Fault {
    Fault(.badInput, "the time zone '\(name)': this is no file of a zone, or it is damaged: \(why)")
  }
}

/// The beginning of each of a file's parts: how many there are of what follows.
private struct Header {
  let name: String
  let version: UInt8
  private let isUTCount, isStandardCount, leapCount, timeCount, typeCount, letterCount: Int

  init(_ reader: inout ByteReader, _ name: String) throws(Fault) {
    guard let magic = reader.take(count: 4), Array(magic) == Array("TZif".utf8) else {
      throw TimeRules.damaged(name, "it does not begin with TZif")
    }
    guard let version = reader.take(count: 1)?.first, reader.take(count: 15) != nil else {
      throw TimeRules.damaged(name, "it is cut off")
    }
    var counts: [Int] = []
    for _ in 0..<6 {
      guard let count = reader.integer(byteCount: 4), count >= 0 else {
        throw TimeRules.damaged(name, "its counts cannot be read")
      }
      counts.append(count)
    }
    (self.name, self.version) = (name, version)
    (isUTCount, isStandardCount, leapCount) = (counts[0], counts[1], counts[2])
    (timeCount, typeCount, letterCount) = (counts[3], counts[4], counts[5])
  }

  func byteCount(timeSize: Int) -> Int {
    timeCount * (timeSize + 1) + typeCount * 6 + letterCount + leapCount * (timeSize + 4) + isStandardCount + isUTCount
  }

  func body(_ reader: inout ByteReader, timeSize: Int) throws(Fault) -> (first: Int, changes: [TimeRules.Change]) {
    guard let bytes = reader.take(count: byteCount(timeSize: timeSize)) else {
      throw TimeRules.damaged(name, "it is cut off")
    }
    guard leapCount == 0 else {
      throw Fault(.unsupported, "the time zone '\(name)' counts leap seconds: name it without 'right/'")
    }
    var reader = ByteReader(Array(bytes))
    var (times, types, offsets): ([Int], [Int], [Int]) = ([], [], [])
    for _ in 0..<timeCount { times.append(reader.integer(byteCount: timeSize) ?? 0) }
    for _ in 0..<timeCount { types.append(Int(reader.take(count: 1)?.first ?? 0)) }
    for _ in 0..<typeCount {
      offsets.append(reader.integer(byteCount: 4) ?? 0)
      _ = reader.take(count: 2)
    }
    guard let first = offsets.first, offsets.allSatisfy({ $0 > -90_000 && $0 < 93_600 }) else {
      throw TimeRules.damaged(name, "it has no time, or one more than a day from UTC")
    }
    guard types.allSatisfy({ $0 < typeCount }), zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw TimeRules.damaged(name, "its changes are out of order")
    }
    return (first, zip(times, types).map { TimeRules.Change(time: $0, offset: offsets[$1]) })
  }
}
