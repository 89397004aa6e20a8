internal import Base
internal import NetworkFormats

/// What an OpenVINO IR file says behind its layers of the whole network: paths of names and values.
///
/// Written as `<rt_info><model_info><labels value="…"/></model_info></rt_info>`: `openvino/core/model.hpp`, `set_rt_info`. Before version 11
/// the converter wrote its options into `<meta_data><cli_parameters>`, later into `<rt_info><conversion_parameters>`.
struct IRWords {
  private(set) var values: [String: String] = [:]

  /// More than labels and rules ever take.
  private static let most = 4 << 20

  init(_ file: FileWindow) throws(Damaged) {
    let end = max(0, file.byteCount - Self.most)..<file.byteCount
    let text = String(decoding: try file.bytes(end, limit: Self.most), as: UTF8.self)
    // Layers have one each, too; the network's own follows its edges.
    guard let edges = text.ranges(of: "</edges>").last else { return }
    read(text[edges.upperBound...])
  }

  private mutating func read(_ text: Substring) {
    var (path, rest): ([Substring], Substring) = ([], text)
    while values.count < 10_000, let open = rest.firstIndex(of: "<") {
      let tag = rest[rest.index(after: open)...].prefix { $0 != ">" }
      rest = rest[tag.endIndex...].dropFirst()
      if tag.hasPrefix("/") {
        guard path.popLast() != nil else { return }  // the end of the network
        continue
      }
      let name = tag.prefix { !$0.isWhitespace && $0 != "/" }
      if let value = Self.attribute("value", of: tag), !path.isEmpty {
        values[(path.dropFirst() + [name]).joined(separator: ".")] = value
      }
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
