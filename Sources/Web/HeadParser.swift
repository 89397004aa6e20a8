internal import CLlhttp

/// Reads heads of HTTP/1 one after the other, however their bytes are cut.
///
/// Two readers look at every byte: llhttp, and ``HeadGuard`` for what llhttp lets through. They must agree on where a
/// head ends.
@safe final class HeadParser {
  enum Step {
    case more
    case head(Head, Head.Framing)
    case refused(HeadFault)
  }

  private let limits: Limits
  private let parser: UnsafeMutablePointer<llhttp_t>
  private var watch: HeadGuard
  private var head = Head()
  private var fault: HeadFault?

  init(_ limits: Limits) {
    self.limits = limits
    watch = HeadGuard(headBytes: limits.headBytes, targetBytes: limits.targetBytes)
    unsafe parser = .allocate(capacity: 1)
    unsafe llhttp_init(parser, HTTP_REQUEST, settings)
    unsafe parser.pointee.data = Unmanaged.passUnretained(self).toOpaque()
  }

  deinit { unsafe parser.deallocate() }

  /// Whether a byte of the next head was seen.
  var hasBegun: Bool { watch.hasBegun }

  /// Reads up to the end of a head; says how many bytes it took.
  func read(_ bytes: UnsafeRawBufferPointer) -> (taken: Int, step: Step) {
    if !watch.hasBegun { head.fields.reserve() }
    let verdict = unsafe watch.look(bytes)
    switch verdict {
    case .open:
      let ended = unsafe run(bytes)
      return (bytes.count, fault.map { .refused($0) } ?? (ended == nil ? .more : .refused(disagreement)))
    case .refused(let place, let found):
      _ = unsafe run(UnsafeRawBufferPointer(rebasing: bytes[..<place]))
      return (place, .refused(fault ?? found))
    case .end(let end):
      let ended = unsafe run(UnsafeRawBufferPointer(rebasing: bytes[..<end]))
      if let fault { return (end, .refused(fault)) }
      guard ended == end else { return (end, .refused(disagreement)) }
      return (end, complete())
    }
  }

  private let disagreement = HeadFault.malformed("it leaves open where it ends")

  /// Where llhttp saw the end of the head, if it did.
  private func run(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard let start = bytes.baseAddress else { return nil }
    let status = unsafe llhttp_execute(parser, start.assumingMemoryBound(to: CChar.self), bytes.count)
    if status == HPE_OK || fault != nil { return nil }
    guard status == HPE_PAUSED, let end = unsafe llhttp_get_error_pos(parser) else {
      fault = Self.fault(of: status)
      return nil
    }
    return unsafe UnsafeRawPointer(end) - start
  }

  private static func fault(of status: llhttp_errno_t) -> HeadFault {
    switch status {
    case HPE_INVALID_METHOD: .unknownMethod
    case HPE_INVALID_VERSION: .unknownVersion
    case HPE_INVALID_CONTENT_LENGTH, HPE_UNEXPECTED_CONTENT_LENGTH:
      .malformed("its Content-Length is not one plain number")
    case HPE_INVALID_TRANSFER_ENCODING: .malformed("it leaves open where the body ends")
    case HPE_INVALID_URL: .malformed("its target is not a path")
    default: .malformed("a line is not what it should be")
    }
  }

  private func complete() -> Step {
    var done = Head()
    swap(&done, &head)
    done.fields.close()
    unsafe llhttp_reset(parser)
    watch = HeadGuard(headBytes: limits.headBytes, targetBytes: limits.targetBytes)
    do { return .head(done, try done.framing()) } catch { return .refused(error) }
  }

  // What llhttp calls.

  fileprivate func target(_ part: UnsafeRawBufferPointer) { unsafe head.target.append(contentsOf: part) }

  fileprivate func name(_ part: UnsafeRawBufferPointer) -> Int32 {
    guard unsafe head.fields.name(part) else {
      return refuse(.malformed("a header's name has a character it may not have"))
    }
    return head.fields.count > limits.headerCount ? refuse(.tooLarge) : 0
  }

  fileprivate func value(_ part: UnsafeRawBufferPointer) { unsafe head.fields.value(part) }

  fileprivate func headersComplete() -> Int32 {
    guard let method = unsafe Self.methods[Int(parser.pointee.method)] else { return refuse(.unknownMethod) }
    head.method = method
    switch unsafe (parser.pointee.http_major, parser.pointee.http_minor) {
    case (1, 1): head.version = .http1_1
    case (1, 0): head.version = .http1_0
    default: return refuse(.unknownVersion)
    }
    return 1  // the body is not llhttp's to read
  }

  private func refuse(_ found: HeadFault) -> Int32 {
    fault = fault ?? found
    return -1
  }

  static func isKnown(_ method: String) -> Bool { methods.values.contains(method) }

  private static let methods: [Int: String] = [
    Int(HTTP_GET.rawValue): "GET", Int(HTTP_HEAD.rawValue): "HEAD", Int(HTTP_POST.rawValue): "POST",
    Int(HTTP_PUT.rawValue): "PUT", Int(HTTP_DELETE.rawValue): "DELETE", Int(HTTP_OPTIONS.rawValue): "OPTIONS",
    Int(HTTP_PATCH.rawValue): "PATCH",
  ]
}

/// One for all parsers, never freed, not changed after it was made.
private nonisolated(unsafe) let settings: UnsafeMutablePointer<llhttp_settings_t> = {
  let made = UnsafeMutablePointer<llhttp_settings_t>.allocate(capacity: 1)
  unsafe llhttp_settings_init(made)
  unsafe made.pointee.on_url = onTarget
  unsafe made.pointee.on_header_field = onName
  unsafe made.pointee.on_header_value = onValue
  unsafe made.pointee.on_headers_complete = onHeadersComplete
  unsafe made.pointee.on_message_complete = onMessageComplete
  return unsafe made
}()

// llhttp calls these from inside `llhttp_execute`; the parser that runs it is alive all the while.

private func owner(_ parser: UnsafeMutablePointer<llhttp_t>?) -> HeadParser {
  unsafe Unmanaged<HeadParser>.fromOpaque(parser!.pointee.data).takeUnretainedValue()
}

@c private func onTarget(_ parser: UnsafeMutablePointer<llhttp_t>?, _ at: UnsafePointer<CChar>?, _ count: Int) -> Int32
{
  unsafe owner(parser).target(UnsafeRawBufferPointer(start: at, count: count))
  return 0
}

@c private func onName(_ parser: UnsafeMutablePointer<llhttp_t>?, _ at: UnsafePointer<CChar>?, _ count: Int) -> Int32 {
  unsafe owner(parser).name(UnsafeRawBufferPointer(start: at, count: count))
}

@c private func onValue(_ parser: UnsafeMutablePointer<llhttp_t>?, _ at: UnsafePointer<CChar>?, _ count: Int) -> Int32 {
  unsafe owner(parser).value(UnsafeRawBufferPointer(start: at, count: count))
  return 0
}

@c private func onHeadersComplete(_ parser: UnsafeMutablePointer<llhttp_t>?) -> Int32 {
  unsafe owner(parser).headersComplete()
}

@c private func onMessageComplete(_ parser: UnsafeMutablePointer<llhttp_t>?) -> Int32 { Int32(HPE_PAUSED.rawValue) }
