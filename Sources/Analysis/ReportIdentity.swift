public import Base

/// Of what the report in a folder is, so that the report of another model or of other options does not take its place.
public enum ReportIdentity {
  /// The folder, or the first of `folder-2`, `folder-3` … in which no report of another pipeline stands.
  public static func free(_ folder: String, pipeline digest: String) -> String {
    var (path, count) = (folder, 1)
    while (try? check(path, pipeline: digest)) == nil {
      count += 1
      path = "\(folder)-\(count)"
    }
    return path
  }

  /// - Throws: `usage` where a whole report of another pipeline stands in `folder`.
  ///
  /// The digest of a pipeline covers its models, their options and the sampling, and not the file that was looked at.
  public static func check(_ folder: String, pipeline digest: String) throws(Fault) {
    let path = "\(folder)/summary.json"
    guard FileSystem.kind(of: path) == .file, let summary = try? FileSystem.read(path) else { return }
    guard let other = value(of: "\"pipeline\":\"", in: summary), other != digest else { return }
    let model = value(of: "\"model\":\"", in: summary) ?? value(of: "\"model\":{\"name\":\"", in: summary)
    let name = model?.split(separator: "@").first.map { " of \($0)" } ?? ""
    throw Fault(
      .usage,
      "\(folder) holds a report\(name) that was made with another model or other options: choose another --output, or say --force to replace it"
    )
  }

  /// What stands behind `key` up to the next quote; a quote inside a text has a backslash in front, so no text looks like a key.
  private static func value(of key: String, in json: [UInt8]) -> String? {
    guard let place = json.firstRange(of: Array(key.utf8)) else { return nil }
    return String(decoding: json[place.upperBound...].prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
  }
}
