internal import Crypto
internal import PageScripts

/// The pages of the dashboard, by the path they are asked for.
public enum Dashboard {
  /// One file, ready to be answered.
  public struct File: Sendable, Hashable {
    public let bytes: [UInt8]
    public let contentType: String
    /// Of a strong entity tag (RFC 9110, section 8.8.3), without its quotes: another build's file has another.
    public let tag: String

    init(_ bytes: [UInt8], _ contentType: String) {
      (self.bytes, self.contentType) = (bytes, contentType)
      tag = String(SHA256.hex(of: bytes).prefix(20))
    }
  }

  /// What stands at a path such as `/` or `/assets/main.js`, `nil` where nothing does.
  public static func file(_ path: String) -> File? { files[path] }

  /// To be sent with each of the files.
  ///
  /// The browser takes scripts, styles and pictures from this server alone, runs nothing that stands in a page, shows it in
  /// no other site's frame, and asks whether a file was changed before it is used again.
  public static let headers: [(String, String)] = [
    (
      "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; media-src 'self' blob:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "no-cache"),
  ]

  /// Every path, sorted.
  public static let paths = files.keys.sorted()

  private static let files = Dictionary(
    uniqueKeysWithValues: (pageFiles + PageScripts.files).map { name, bytes in
      (name == "index.html" ? "/" : "/assets/\(name)", File(bytes, contentType(of: name)))
    })

  private static func contentType(of name: String) -> String {
    switch name.split(separator: ".").last {
    case "html": "text/html; charset=utf-8"
    case "js": "text/javascript; charset=utf-8"
    case "css": "text/css; charset=utf-8"
    case "svg": "image/svg+xml"
    default: preconditionFailure("browsers must be told what \(name) is")
    }
  }
}
