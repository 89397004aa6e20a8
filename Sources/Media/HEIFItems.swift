internal import Base

/// What a HEIF file (AVIF, HEIC) says of its main picture: what it is made of, and how it stands (ISO/IEC 23008-12, 6).
struct HEIFItems {
  /// FFmpeg reads the first item, whatever it is.
  private(set) var isFirst = true
  /// `av01` for one coded picture, `grid` for one in tiles.
  private(set) var type = ""
  private(set) var orientation: Orientation?
  private(set) var isCropped = false
  private let isAVIF: Bool

  /// `nil` for what is no such file, or is a film.
  init?(_ file: MediaFile) {
    guard let boxes = file.boxes, let brands = boxes.first(where: { $0.name == "ftyp" }),
      let meta = boxes.first(where: { $0.name == "meta" }), !boxes.contains(where: { $0.name == "moov" }),
      meta.content.count <= 1 << 20
    else { return nil }
    let names = ISOBox.words(file.bytes(brands.content))
    isAVIF = names.contains { ["avif", "avis"].contains($0) }
    guard isAVIF || names.contains(where: { ["mif1", "msf1", "heic", "heix", "heim", "heis", "hevc"].contains($0) })
    else { return nil }
    read(file.bytes(meta.content))
  }

  func refuseWrongOnes() throws(Fault) {
    guard isAVIF, type == "av01" || type == "grid" || type == "iovl" || type == "iden" else {
      throw Formats.refusal(of: isAVIF && !type.isEmpty ? "AVIF pictures with \(type) inside" : "HEIC pictures")
    }
    if type == "grid" { throw Formats.refusal(of: "AVIF pictures in tiles") }
    guard type == "av01", isFirst else { throw Formats.refusal(of: "AVIF pictures that are made of several") }
    if isCropped { throw Formats.refusal(of: "AVIF pictures that show a part of what is coded (clap)") }
  }

  private mutating func read(_ meta: [UInt8]) {
    var inner = ByteCursor(meta)
    inner.skip(4)
    let body = inner.rest
    let parts = ISOBox.list(body)
    let content = { (name: String) in parts.first { $0.name == name }.map { ByteCursor(body[$0.content]) } }
    guard var main = content("pitm") else { return }
    let primary = main.number(main.number(4) >> 24 == 0 ? 2 : 4)
    if let items = content("iinf") { type = Self.type(of: primary, items) }
    if let places = content("iloc") { isFirst = Self.firstItem(places) == primary }
    guard let properties = content("iprp") else { return }
    let both = ISOBox.list(properties.rest)
    guard let all = both.first(where: { $0.name == "ipco" }), let links = both.first(where: { $0.name == "ipma" })
    else { return }
    let list = properties.rest[all.content]
    let boxes = ISOBox.list(list)
    for number in Self.properties(of: primary, ByteCursor(properties.rest[links.content])) {
      guard boxes.indices.contains(number - 1) else { continue }
      apply(boxes[number - 1].name, list[boxes[number - 1].content])
    }
  }

  /// Each in its turn: `irot` turns to the left, `imir` exchanges top and bottom or left and right (23008-12, 6.5.10 and 6.5.12).
  private mutating func apply(_ name: String, _ content: ArraySlice<UInt8>) {
    let value = Int(content.first ?? 0)
    let soFar = orientation ?? .upright
    switch name {
    case "clap": isCropped = true
    case "irot":
      orientation = Orientation(rotation: (soFar.rotation + 360 - (value & 3) * 90) % 360, mirrored: soFar.mirrored)
    case "imir":
      let upsideDown = value & 1 == 0 ? 180 : 0
      orientation = Orientation(
        rotation: (360 - soFar.rotation + upsideDown) % 360, mirrored: !soFar.mirrored)
    default: break
    }
  }

  private static func type(of item: Int, _ items: ByteCursor) -> String {
    var cursor = items
    cursor.skip(cursor.number(4) >> 24 == 0 ? 2 : 4)
    for box in ISOBox.list(cursor.rest) where box.name == "infe" {
      var entry = ByteCursor(cursor.rest[box.content])
      let version = entry.number(4) >> 24
      guard version >= 2, entry.number(version == 2 ? 2 : 4) == item else { continue }
      entry.skip(2)
      return entry.word()
    }
    return ""
  }

  private static func firstItem(_ places: ByteCursor) -> Int {
    var cursor = places
    let version = cursor.number(4) >> 24
    cursor.skip(2)
    cursor.skip(version < 2 ? 2 : 4)
    return cursor.number(version < 2 ? 2 : 4)
  }

  /// Numbers of properties, from 1, in the order in which they apply.
  private static func properties(of item: Int, _ links: ByteCursor) -> [Int] {
    var cursor = links
    let head = cursor.number(4)
    let (idLength, linkLength) = (head >> 24 == 0 ? 2 : 4, head & 1 == 0 ? 1 : 2)
    for _ in 0..<min(cursor.number(4), 4096) {
      let isMeant = cursor.number(idLength) == item
      let numbers = (0..<cursor.number(1)).map { _ in cursor.number(linkLength) & (linkLength == 1 ? 0x7F : 0x7FFF) }
      if isMeant { return numbers }
    }
    return []
  }
}
