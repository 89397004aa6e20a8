public import Base

extension TimeRules {
  /// Where systems keep the files of zones.
  public static let systemFolder = "/usr/share/zoneinfo"

  /// A zone by its name in the IANA database; read from its file each time.
  public static func zone(_ name: String, in folder: String = systemFolder) throws(Fault) -> TimeRules {
    guard isName(name) else {
      throw Fault(.badInput, "'\(name)' is no name of a time zone: write one such as Europe/Berlin, +05:30 or UTC")
    }
    let bytes: [UInt8]
    do throws(Fault) { bytes = try FileSystem.read("\(folder)/\(name)", limit: 1 << 20) } catch {
      let whether = FileSystem.kind(of: folder) == nil ? " (there are no time zones in \(folder))" : ""
      let hint = whether.isEmpty ? hint(for: name, in: folder) : whether
      throw Fault(
        .badInput, "there is no time zone '\(name)'\(hint): write one such as Europe/Berlin, +05:30 or UTC",
        cause: error.message)
    }
    return try TimeRules(tzif: bytes, name: name)
  }

  /// A zone as queries and options name it: `Europe/Berlin`, `+05:30`, `-08`, `UTC`, `Z`.
  public static func named(_ text: String, in folder: String = systemFolder) throws(Fault) -> TimeRules {
    if text == "Z" || text == "UTC" { return utc }
    guard let sign = text.utf8.first, "+-".utf8.contains(sign) else { return try zone(text, in: folder) }
    var reader = ByteReader(Array(text.utf8))
    guard let seconds = reader.offset(), reader.isAtEnd else {
      throw Fault(.badInput, "'\(text)' is no distance from UTC: write hours and minutes, such as +05:30")
    }
    return offset(seconds: seconds)
  }

  /// No way out of the folder: letters, digits, `_`, `+` and `-`, in parts that `/` sets apart.
  private static func isName(_ name: String) -> Bool {
    let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return name.utf8.count <= 100
      && parts.allSatisfy { part in
        !part.isEmpty
          && part.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
              || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || "_+-".utf8.contains($0)
          }
      }
  }

  /// The zone of the same part of the world that was probably meant.
  private static func hint(for name: String, in folder: String) -> String {
    var area = name.split(separator: "/").dropLast().joined(separator: "/")
    let areas = (try? FileSystem.list(folder)) ?? []
    area = areas.first { $0.asciiLowercased == area.asciiLowercased } ?? area
    let known = (area.isEmpty ? areas : (try? FileSystem.list("\(folder)/\(area)")) ?? []).map {
      area.isEmpty ? $0 : "\(area)/\($0)"
    }
    // In files of zones case counts.
    if let same = known.first(where: { $0.asciiLowercased == name.asciiLowercased }) {
      return " (did you mean '\(same)'?)"
    }
    return Suggestion.hint(for: name, among: known)
  }
}

extension ByteReader {
  /// `+05:30`, `-08` or `+0530` in seconds; at most 18 hours.
  mutating func offset() -> Int? {
    let isNegative = next == UInt8(ascii: "-")
    guard take("+") || take("-") else { return nil }
    var (hours, minutes) = (0, 0)
    if let four = number(digits: 4...4) {
      (hours, minutes) = (four / 100, four % 100)
    } else {
      guard let two = number(digits: 2...2) else { return nil }
      hours = two
      if take(":") {
        guard let two = number(digits: 2...2) else { return nil }
        minutes = two
      }
    }
    guard minutes < 60, hours * 60 + minutes <= 18 * 60 else { return nil }
    let seconds = (hours * 60 + minutes) * 60
    return isNegative ? -seconds : seconds
  }
}
