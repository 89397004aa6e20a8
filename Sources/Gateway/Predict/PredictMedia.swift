internal import Base
internal import Forms
internal import Web

/// The picture or clip that a request to predict brings.
enum PredictMedia: SchemaWords {
  /// Types that it may come as; the bytes themselves decide what it is.
  private static let types = [
    "image/jpeg", "image/png", "image/webp", "image/bmp", "image/gif", "video/mp4", "video/webm", "video/quicktime",
    "video/x-matroska", "application/octet-stream",
  ]

  /// The body, for the description.
  static var content: Document {
    let part: Document = ["type": "string", "contentMediaType": "application/octet-stream"]
    let form: Document = ["oneOf": [object(["image": part]), object(["video": part])]]
    return .object(types.map { ($0, bytes($0)) } + [("multipart/form-data", ["schema": form])])
  }

  /// The whole body, or the one file of a form; it keeps the body's memory.
  static func read(_ body: Body, of request: Request) throws(Fault) -> SharedBytes {
    let whole = SharedBytes(body.bytes, of: body)
    guard let type = request.header("content-type"), type.lowercased().hasPrefix("multipart/") else {
      guard whole.count > 0 else {
        throw Fault(
          .badInput, "the request has no body: send a picture or a short clip, such as with curl -F image=@cat.jpg")
      }
      return whole
    }
    let boundary = try MultipartForm.boundary(of: type)
    let parts = try body.withBytes { (bytes) throws(Fault) in try MultipartForm.parts(of: bytes, boundary: boundary) }
    let files = parts.filter { $0.name == "image" || $0.name == "video" || $0.filename != nil }
    guard files.count == 1 else {
      let names = parts.map(\.name).joined(separator: ", ")
      throw Fault(
        .badInput,
        "the form has \(files.count) files (\(names)), and one is needed: name it image or video, as in curl -F image=@cat.jpg"
      )
    }
    return whole[files[0].content]
  }
}
