/// What a camera says it has (SDP, RFC 8866), as far as it is about pictures over RTP.
struct SessionDescription: Sendable, Hashable {
  /// One format of a track.
  struct Format: Sendable, Hashable {
    let number: UInt8
    /// In capitals: `H264`.
    let encoding: String
    /// Ticks a second.
    let clockRate: Int
    /// What `a=fmtp` says of it, by names in small letters.
    var parameters: [String: String] = [:]
  }

  struct Track: Sendable, Hashable {
    let kind: String
    var formats: [Format] = []
    /// Where it is set up, relative to the base; `nil` for the base itself.
    var control: String?
    /// Of its pictures, where that is told; else 0.
    var width = 0
    var height = 0
  }

  private(set) var tracks: [Track] = []
  /// Where all of it is played; `nil` or `*` for the base itself.
  private(set) var control: String?

  /// What is not understood is passed over.
  init(_ text: String) {
    for line in text.split(whereSeparator: \.isNewline) {
      guard line.utf8.count > 2, line.dropFirst().first == "=" else { continue }
      let value = line.dropFirst(2).trimmed
      switch line.first {
      case "m": begin(value)
      case "a": note(value)
      default: continue
      }
    }
  }

  /// `video 0 RTP/AVP 96 97`.
  private mutating func begin(_ value: Substring) {
    let words = value.split(separator: " ")
    var track = Track(kind: words.first.map(String.init) ?? "")
    for number in words.dropFirst(3).prefix(32).compactMap({ UInt8($0) }) where number < 128 {
      let known = Self.known[number]
      track.formats.append(Format(number: number, encoding: known?.0 ?? "", clockRate: known?.1 ?? 90_000))
    }
    if tracks.count < 32 { tracks.append(track) }
  }

  /// Formats whose number says what they are (RFC 3551, table 5).
  private static let known: [UInt8: (String, Int)] = [26: ("JPEG", 90_000), 31: ("H261", 90_000), 33: ("MP2T", 90_000)]

  private mutating func note(_ value: Substring) {
    let (name, rest) = Self.halves(value, at: ":")
    switch name.trimmed {
    case "control":
      if tracks.isEmpty { control = String(rest) } else { tracks[tracks.count - 1].control = String(rest) }
    case "rtpmap": describe(rest)
    case "fmtp": setParameters(rest)
    case "x-dimensions": setSize(rest.split(separator: ","))
    case "framesize": setSize(Self.halves(rest, at: " ").1.split(separator: "-"))
    default: return
    }
  }

  /// `2560,1440`, or `26 2560-1440`: what some cameras say of pictures that are too large for what RTP tells of them.
  private mutating func setSize(_ words: [Substring]) {
    let numbers = words.compactMap { Int($0.trimmed) }.filter { (1...65_535).contains($0) }
    guard numbers.count == 2, !tracks.isEmpty else { return }
    (tracks[tracks.count - 1].width, tracks[tracks.count - 1].height) = (numbers[0], numbers[1])
  }

  /// `96 H264/90000`.
  private mutating func describe(_ value: Substring) {
    let (number, rest) = Self.halves(value, at: " ")
    let parts = rest.split(separator: "/")
    guard let place = place(of: number), let name = parts.first else { return }
    let rate = parts.dropFirst().first.flatMap { Int($0) } ?? 90_000
    let old = tracks[tracks.count - 1].formats[place]
    tracks[tracks.count - 1].formats[place] = Format(
      number: old.number, encoding: name.uppercased(), clockRate: (1...1_000_000_000).contains(rate) ? rate : 90_000,
      parameters: old.parameters)
  }

  /// `96 packetization-mode=1;sprop-parameter-sets=…,…`.
  private mutating func setParameters(_ value: Substring) {
    let (number, rest) = Self.halves(value, at: " ")
    guard let place = place(of: number) else { return }
    for part in rest.split(separator: ";") {
      let (name, value) = Self.halves(part, at: "=")
      tracks[tracks.count - 1].formats[place].parameters[name.trimmed.lowercased()] = String(value.trimmed)
    }
  }

  private func place(of number: Substring) -> Int? {
    guard let number = UInt8(number) else { return nil }
    return tracks.last?.formats.firstIndex { $0.number == number }
  }

  private static func halves(_ text: Substring, at separator: Character) -> (Substring, Substring) {
    guard let place = text.firstIndex(of: separator) else { return (text, "") }
    return (text[..<place], text[text.index(after: place)...].trimmed)
  }
}
