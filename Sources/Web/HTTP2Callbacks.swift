internal import CNGHTTP2

/// What nghttp2 calls from inside its functions that `HTTP2` calls; so the object is alive.
enum HTTP2Callbacks {
  /// One for all sessions, never freed, not changed after it was made.
  nonisolated(unsafe) static let all: OpaquePointer? = {
    var made: OpaquePointer?
    unsafe nghttp2_session_callbacks_new(&made)
    unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(made, onBeginHeaders)
    unsafe nghttp2_session_callbacks_set_on_header_callback(made, onHeader)
    unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, onData)
    unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(made, onFrame)
    unsafe nghttp2_session_callbacks_set_on_frame_send_callback(made, onSent)
    unsafe nghttp2_session_callbacks_set_on_stream_close_callback(made, onClose)
    return unsafe made
  }()

  static let read: nghttp2_data_source_read_callback = unsafe onRead
}

private func owner(_ context: UnsafeMutableRawPointer?) -> HTTP2 {
  unsafe Unmanaged<HTTP2>.fromOpaque(context!).takeUnretainedValue()
}

/// Whether a frame begins a request.
private func isRequest(_ frame: UnsafePointer<nghttp2_frame>) -> Bool {
  unsafe frame.pointee.hd.type == UInt8(NGHTTP2_HEADERS.rawValue) && frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST
}

private func isLast(_ frame: UnsafePointer<nghttp2_frame>) -> Bool {
  let carries = unsafe [UInt8(NGHTTP2_HEADERS.rawValue), UInt8(NGHTTP2_DATA.rawValue)].contains(frame.pointee.hd.type)
  return unsafe carries && frame.pointee.hd.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
}

@c private func onBeginHeaders(
  _ session: OpaquePointer?, _ frame: UnsafePointer<nghttp2_frame>?, _ context: UnsafeMutableRawPointer?
) -> Int32 {
  guard let frame = unsafe frame, unsafe isRequest(frame) else { return 0 }
  return unsafe owner(context).begin(frame.pointee.hd.stream_id) ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
}

@c private func onHeader(
  _ session: OpaquePointer?, _ frame: UnsafePointer<nghttp2_frame>?, _ name: UnsafePointer<UInt8>?, _ nameCount: Int,
  _ value: UnsafePointer<UInt8>?, _ valueCount: Int, _ flags: UInt8, _ context: UnsafeMutableRawPointer?
) -> Int32 {
  guard let frame = unsafe frame, unsafe isRequest(frame) else { return 0 }
  unsafe owner(context).header(
    frame.pointee.hd.stream_id, UnsafeRawBufferPointer(start: name, count: nameCount),
    UnsafeRawBufferPointer(start: value, count: valueCount))
  return 0
}

@c private func onData(
  _ session: OpaquePointer?, _ flags: UInt8, _ number: Int32, _ start: UnsafePointer<UInt8>?, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int32 {
  unsafe owner(context).data(number, UnsafeRawBufferPointer(start: start, count: count))
  return 0
}

@c private func onFrame(
  _ session: OpaquePointer?, _ frame: UnsafePointer<nghttp2_frame>?, _ context: UnsafeMutableRawPointer?
) -> Int32 {
  guard let frame = unsafe frame else { return 0 }
  let (number, type) = unsafe (frame.pointee.hd.stream_id, frame.pointee.hd.type)
  let connection = unsafe owner(context)
  if unsafe isRequest(frame) {
    connection.headComplete(number, isLast: unsafe isLast(frame))
  } else if unsafe isLast(frame) {
    connection.complete(number)
  } else if type == UInt8(NGHTTP2_RST_STREAM.rawValue), connection.streams[number]?.answeredAt == nil {
    connection.countReset()
  }
  return 0
}

@c private func onSent(
  _ session: OpaquePointer?, _ frame: UnsafePointer<nghttp2_frame>?, _ context: UnsafeMutableRawPointer?
) -> Int32 {
  guard let frame = unsafe frame else { return 0 }
  if unsafe isLast(frame) { unsafe owner(context).sentLast(frame.pointee.hd.stream_id) }
  if unsafe frame.pointee.hd.type == UInt8(NGHTTP2_RST_STREAM.rawValue),
    unsafe frame.pointee.rst_stream.error_code != NGHTTP2_NO_ERROR.rawValue
  {
    unsafe owner(context).countReset()
  }
  return 0
}

@c private func onClose(
  _ session: OpaquePointer?, _ number: Int32, _ code: UInt32, _ context: UnsafeMutableRawPointer?
) -> Int32 {
  unsafe owner(context).closed(number, isWhole: code == NGHTTP2_NO_ERROR.rawValue)
  return 0
}

@c private func onRead(
  _ session: OpaquePointer?, _ number: Int32, _ room: UnsafeMutablePointer<UInt8>?, _ count: Int,
  _ flags: UnsafeMutablePointer<UInt32>?, _ source: UnsafeMutablePointer<nghttp2_data_source>?,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  switch unsafe owner(context).read(number, into: UnsafeMutableRawBufferPointer(start: room, count: count)) {
  case .bytes(let count): return count
  case .bodyEnd(let count):
    unsafe flags?.pointee |= UInt32(NGHTTP2_DATA_FLAG_EOF.rawValue) | UInt32(NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue)
    return count
  case .last(let count):
    unsafe flags?.pointee |= UInt32(NGHTTP2_DATA_FLAG_EOF.rawValue)
    return count
  case .later: return Int(NGHTTP2_ERR_DEFERRED.rawValue)
  case .brokenOff: return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
  }
}
