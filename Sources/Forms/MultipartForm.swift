public import Base
internal import Glibc

/// One field of a form.
public struct FormPart: Sendable, Hashable {
  public var name: String
  /// As the sender calls the file: for people to read, never a path to use.
  public var filename: String?
  /// As the sender says, `image/jpeg`; browsers guess it from the file's name.
  public var contentType: String?
  /// Where the content lies in the body.
  public var content: Range<Int>

  public init(name: String, filename: String? = nil, contentType: String? = nil, content: Range<Int>) {
    (self.name, self.filename, self.contentType, self.content) = (name, filename, contentType, content)
  }
}

/// Reads `multipart/form-data` (RFC 7578, with delimiters as RFC 2046 has them).
///
/// Stricter than these where they leave room for two readings: no text before the first delimiter or behind the last, no
/// padding, no folded lines, no bare line feeds, and the boundary stands nowhere else at the start of a line.
public enum MultipartForm {
  public struct Limits: Sendable {
    public var parts = 32
    /// Bytes of the lines in front of one part.
    public var headBytes = 4096

    public init() {}
  }

  /// The boundary that a `Content-Type` header gives.
  ///
  /// Faults are `unsupported` for another type, `badInput` for a boundary that is missing or not allowed.
  public static func boundary(of contentType: String) throws(Fault) -> String {
    let parameters: HeaderParameters?
    do throws(Fault) { parameters = try HeaderParameters(contentType.utf8) } catch { throw error.at("Content-Type") }
    guard let parameters, parameters.word == "multipart/form-data" else {
      throw Fault(.unsupported, "Content-Type: a form is expected, multipart/form-data with a boundary")
    }
    guard let boundary = parameters["boundary"], isBoundary(boundary) else {
      throw Fault(.badInput, "Content-Type: the boundary is missing, or not 1 to 70 of the characters that it may have")
    }
    return boundary
  }

  /// Where the parts of a body lie, in its order; a name may stand several times.
  ///
  /// `boundary` is what ``boundary(of:)`` gave. Faults are `badInput`, `tooLarge` where there are too many parts, and
  /// `unsupported` for content in a transfer encoding.
  public static func parts(
    of body: RawSpan, boundary: String, limits: Limits = Limits()
  ) throws(Fault) -> [FormPart] {
    let delimiter = Array("\r\n--\(boundary)".utf8)
    guard begins(body, at: 0, with: delimiter.dropFirst(2)) else {
      throw Fault(.badInput, "the form: it does not begin with the boundary that Content-Type names")
    }
    var parts: [FormPart] = []
    var at = delimiter.count - 2
    while try !isLast(body, &at) {
      guard parts.count < limits.parts else {
        throw Fault(.tooLarge, "the form: more than the \(limits.parts) parts that are read")
      }
      do throws(Fault) {
        let head = try PartHead(body, at: &at, limit: limits.headBytes)
        guard let end = find(delimiter, in: body, from: at) else {
          throw Fault(.badInput, "the body ends before the boundary that closes it")
        }
        parts.append(
          FormPart(name: head.name, filename: head.filename, contentType: head.contentType, content: at..<end))
        at = end + delimiter.count
      } catch {
        throw error.at("part \(parts.count + 1) of the form")
      }
    }
    return parts
  }

  /// Reads what follows a delimiter: a line end before a part, or two dashes at the end of the body.
  private static func isLast(_ body: RawSpan, _ at: inout Int) throws(Fault) -> Bool {
    let rest = body.byteCount - at
    if begins(body, at: at, with: [0x0d, 0x0a]) {
      at += 2
      return false
    }
    guard begins(body, at: at, with: [0x2d, 0x2d]) else {
      throw Fault(
        .badInput, "the form: behind the boundary at byte \(at) stands neither a line end nor the end of the form")
    }
    guard rest == 2 || rest == 4 && begins(body, at: at + 2, with: [0x0d, 0x0a]) else {
      throw Fault(.badInput, "the form: \(rest - 2) bytes are left over behind its end")
    }
    return true
  }

  static func begins(_ body: RawSpan, at: Int, with bytes: some RandomAccessCollection<UInt8>) -> Bool {
    guard body.byteCount - at >= bytes.count else { return false }
    return body.extracting(at..<at + bytes.count).withUnsafeBytes { $0.elementsEqual(bytes) }
  }

  /// The first place at or behind `start`, looked for by the first byte, a carriage return, which is rare in pictures.
  static func find(_ needle: [UInt8], in body: RawSpan, from start: Int) -> Int? {
    body.withUnsafeBytes { raw in
      guard let base = raw.baseAddress else { return nil }
      var at = start
      while raw.count - at >= needle.count {
        let starts = raw.count - needle.count + 1 - at
        guard let hit = memchr(base + at, Int32(needle[0]), starts) else { return nil }
        at = UnsafeRawPointer(hit) - base
        if memcmp(hit, needle, needle.count) == 0 { return at }
        at += 1
      }
      return nil
    }
  }

  /// As RFC 2046, section 5.1.1 has it.
  private static func isBoundary(_ text: String) -> Bool {
    let allowed = text.utf8.allSatisfy { HeaderParameters.isAlphanumeric($0) || "'()+_,-./:=? ".utf8.contains($0) }
    return allowed && (1...70).contains(text.utf8.count) && !text.hasSuffix(" ")
  }
}
