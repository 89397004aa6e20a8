internal import Base
internal import NetworkFormats

/// The runtime information of a whole OpenVINO IR network, `rt_info` behind its layers: paths of names and values.
///
/// Written as `<rt_info><model_info><labels value="…"/></model_info></rt_info>`: `openvino/core/model.hpp`, `set_rt_info`.
struct IRWords {
  private(set) var values: [String: String] = [:]

  /// More than labels and rules ever take.
  private static let most = 4 << 20

  init(_ file: FileWindow) throws(Damaged) {
    let end = max(0, file.byteCount - Self.most)..<file.byteCount
    let text = String(decoding: try file.bytes(end, limit: Self.most), as: UTF8.self)
    // Layers have one each, too; the network's own follows its edges.
    guard let edges = text.ranges(of: "</edges>").last, let start = text[edges.upperBound...].firstRange(of: "<rt_info")
    else { return }
    read(text[start.upperBound...])
  }

  private mutating func read(_ text: Substring) {
    var (path, rest): ([Substring], Substring) = ([], text.drop { $0 != ">" }.dropFirst())
    while values.count < 10_000, let open = rest.firstIndex(of: "<") {
      let tag = rest[rest.index(after: open)...].prefix { $0 != ">" }
      rest = rest[tag.endIndex...].dropFirst()
      if tag.hasPrefix("/") {
        guard path.popLast() != nil else { return }  // the end of rt_info
        continue
      }
      let name = tag.prefix { !$0.isWhitespace && $0 != "/" }
      if let value = Self.attribute("value", of: tag) { values[(path + [name]).joined(separator: ".")] = value }
      if !tag.hasSuffix("/") { path.append(name) }
      guard path.count < 16 else { return }
    }
  }

  private static func attribute(_ name: String, of tag: Substring) -> String? {
    guard let start = tag.firstRange(of: "\(name)=\"") else { return nil }
    var text = String(tag[start.upperBound...].prefix { $0 != "\"" })
    for (escape, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")] {
      text.replace(escape, with: character)
    }
    return text
  }
}
