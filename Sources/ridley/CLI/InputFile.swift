import Base

/// One thing to look at, as the command line names it.
struct InputFile: Sendable, Hashable {
  enum Source: Sendable, Hashable {
    /// A path, as ``FileName`` writes it.
    case file(String)
    /// Of a server, by http or https.
    case address(String)
    case standardInput
  }

  private(set) var source: Source
  /// For people and summaries: the path, or the address without user, password and query.
  let shown: String
  /// As predictions name it: the last part of the path, or more of it where several files of a run have that in common.
  var name: String
  /// Where its report stands in the folder of a run, without the ending of the file's name.
  var stem: String
  /// The asset of a library that it is.
  private(set) var asset: String?

  /// - Throws: `unsupported` for addresses that cannot be read.
  init(_ word: String) throws(Fault) {
    if word == "-" {
      (source, shown, name, stem) = (.standardInput, "standard input", "stdin", "stdin")
    } else if let address = RemoteAddress(word), FileSystem.kind(of: word) == nil {
      try address.check()
      source = .address(word)
      (shown, name, stem) = (address.shown, address.name, Self.stem(address.name))
    } else {
      source = .file(word)
      shown = FileName.shown(word)
      name = FileSystem.name(of: shown)
      stem = Self.stem(name)
    }
  }

  /// A file of a folder: `path` begins with the folder, `name` does not.
  init(path: String, inFolder name: String) {
    source = .file(path)
    shown = FileName.shown(path)
    self.name = FileName.shown(name)
    stem = Self.stem(self.name)
  }

  /// An asset of a library, whose bytes are at `path`.
  init(asset: String, path: String, name: String) {
    source = .file(path)
    (shown, self.name, self.asset) = ("\(name) (\(asset))", name, asset)
    stem = Self.stem(name)
  }

  /// The same, kept in a library as an asset whose bytes are at `path`.
  func kept(as asset: String, at path: String) -> InputFile {
    var file = self
    (file.source, file.asset) = (.file(path), asset)
    return file
  }

  /// The path, where the system and every library know the file by it.
  var plainPath: String? {
    guard case .file(let path) = source, !FileName.isForeign(path) else { return nil }
    return path
  }

  /// `a/b.mp4` gives `a/b`; what would name a folder above, or nothing, becomes `file`.
  private static func stem(_ name: String) -> String {
    let folder = name.contains("/") ? FileSystem.folder(of: name) + "/" : ""
    let last = FileSystem.name(of: name)
    let stem = last.split(separator: ".").dropLast().joined(separator: ".")
    let base = stem.isEmpty ? last : stem
    return folder + (["", ".", ".."].contains(base) ? "file" : base)
  }
}

/// A word that is an address: a scheme, `://`, and the rest.
struct RemoteAddress {
  private let scheme: String
  private let rest: Substring

  init?(_ word: String) {
    guard let colon = word.firstRange(of: "://") else { return nil }
    let scheme = word[..<colon.lowerBound]
    guard let first = scheme.first, first.isASCII, first.isLetter,
      scheme.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) })
    else { return nil }
    (self.scheme, rest) = (scheme.lowercased(), word[colon.upperBound...].prefix { $0 != "?" && $0 != "#" })
  }

  private var host: Substring {
    let authority = rest.prefix { $0 != "/" }
    return authority.split(separator: "@", omittingEmptySubsequences: false).last ?? authority
  }

  /// Without user, password and query, which may be secret.
  var shown: String { "\(scheme)://\(host)\(rest.drop { $0 != "/" })" }

  /// The last part of its path, else its host.
  var name: String { rest.drop { $0 != "/" }.split(separator: "/").last.map(String.init) ?? String(host) }

  /// - Throws: `unsupported`, with what to do instead, unless it is http or https.
  func check() throws(Fault) {
    switch scheme {
    case "http", "https":
      guard !host.isEmpty else { throw Fault(.usage, "\(shown) names no server") }
    case "rtsp", "rtsps", "rtmp", "rtmps", "rtp", "udp", "srt", "mms", "hls":
      throw Fault(
        .unsupported,
        "\(shown) is a live stream, and streams cannot be read yet: record a file first, such as with ffmpeg -i ADDRESS -t 60 -c copy clip.mp4"
      )
    case "s3", "gs", "az", "abfs", "abfss", "wasb", "wasbs", "hdfs", "swift", "r2":
      throw Fault(
        .unsupported,
        "\(shown) is in an object store, and those cannot be read yet: name an https address that gives it out, or send it to standard input, such as with aws s3 cp ADDRESS - | ridley analyze -"
      )
    case "file": throw Fault(.usage, "\(shown): name the file by its path, without file://")
    default:
      throw Fault(
        .unsupported, "\(shown) cannot be read: files, http and https addresses, and - for standard input can")
    }
  }
}
