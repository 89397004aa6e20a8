internal import Base

/// The lines in front of a part, up to and with the empty one.
struct PartHead {
  let name: String
  let filename: String?
  let contentType: String?

  /// Reads from `at` on, and leaves it where the content begins.
  init(_ body: RawSpan, at: inout Int, limit: Int) throws(Fault) {
    let near = body.extracting(at..<min(body.byteCount, at + limit))
    guard let end = MultipartForm.find(Array("\r\n\r\n".utf8), in: near, from: 0) else {
      let why = near.byteCount == limit ? "its head is longer than \(limit) bytes" : "the body ends within its head"
      throw Fault(.badInput, why)
    }
    let lines = near.extracting(0..<end).withUnsafeBytes { Array($0) }
    at += end + 4
    var fields: [String: ArraySlice<UInt8>] = [:]
    for line in try Self.lines(lines) {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
        line[..<colon].allSatisfy(HeaderParameters.isToken)
      else { throw Fault(.badInput, "a line of its head is not of the form 'Name: value'") }
      let field = String(decoding: line[..<colon], as: UTF8.self).lowercased()
      guard fields.updateValue(line[(colon + 1)...], forKey: field) == nil else {
        throw Fault(.badInput, "the header \(field) stands there twice")
      }
    }
    (name, filename) = try Self.disposition(fields["content-disposition"])
    contentType = try fields["content-type"].map { bytes throws(Fault) in try Self.visible(bytes, "content-type") }
    if let encoding = try fields["content-transfer-encoding"].map({ bytes throws(Fault) in
      try Self.visible(bytes, "content-transfer-encoding").lowercased()
    }), !["binary", "8bit", "7bit"].contains(encoding) {
      throw Fault(.unsupported, "its content is encoded as '\(encoding)': send the bytes as they are")
    }
  }

  private static func lines(_ head: [UInt8]) throws(Fault) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    for index in head.indices where head[index] < 0x20 && head[index] != 0x09 || head[index] == 0x7f {
      switch head[index] {
      case 0x0d where index + 1 < head.count && head[index + 1] == 0x0a:
        lines.append(head[start..<index])
        start = index + 2
      case 0x0a where index == start - 1: continue
      default: throw Fault(.badInput, "its head has a control character, or a line that does not end in CR LF")
      }
    }
    return lines + [head[start...]]
  }

  private static func disposition(_ value: ArraySlice<UInt8>?) throws(Fault) -> (name: String, filename: String?) {
    guard let value else { throw Fault(.badInput, "the header Content-Disposition is missing") }
    let parameters: HeaderParameters
    do throws(Fault) { parameters = try HeaderParameters(value) } catch { throw error.at("Content-Disposition") }
    guard parameters.word == "form-data", let name = parameters["name"] else {
      throw Fault(.badInput, "its Content-Disposition is not 'form-data' with a name")
    }
    return (name, parameters["filename"])
  }

  private static func visible(_ bytes: ArraySlice<UInt8>, _ header: String) throws(Fault) -> String {
    let text = HeaderParameters.trimmed(bytes)
    guard !text.isEmpty, text.allSatisfy({ (0x20...0x7e).contains($0) }) else {
      throw Fault(.badInput, "the header \(header) is empty, or not plain text")
    }
    return String(decoding: text, as: UTF8.self)
  }
}
