internal import CCurl
internal import Glibc

/// Which addresses belong to the open network, by IANA's registries of addresses for special purposes (RFC 6890 and what updates it).
enum PublicAddress {
  /// Ranges that do not, as their first bytes and how many bits of them count.
  private static let special4: [(bytes: [UInt8], bits: Int)] = [
    ([0], 8), ([10], 8), ([100, 64], 10), ([127], 8), ([169, 254], 16), ([172, 16], 12), ([192, 0, 0], 24),
    ([168, 63, 129, 16], 32), ([192, 0, 2], 24), ([192, 88, 99], 24), ([192, 168], 16), ([198, 18], 15),
    ([198, 51, 100], 24),
    ([203, 0, 113], 24), ([224], 4), ([240], 4),
  ]
  /// Of version 6 all are open that stand in 2000::/3, but for these.
  private static let special6: [(bytes: [UInt8], bits: Int)] = [
    ([0x20, 0x01, 0x00], 23), ([0x20, 0x01, 0x0d, 0xb8], 32), ([0x3f, 0xff, 0x00], 20),
  ]

  /// `bytes` are 4 of an address of version 4, or 16 of version 6.
  static func isPublic(_ bytes: [UInt8]) -> Bool {
    if bytes.count == 4 { return !special4.contains { isIn($0, bytes) } }
    guard bytes.count == 16 else { return false }
    // Those that lead to one of version 4: mapped, translated (RFC 6052) and 6to4 (RFC 3056).
    if isIn((Array(repeating: 0, count: 10) + [0xff, 0xff], 96), bytes) { return isPublic(Array(bytes[12...])) }
    if isIn(([0, 0x64, 0xff, 0x9b] + Array(repeating: 0, count: 8), 96), bytes) {
      return isPublic(Array(bytes[12...]))
    }
    if isIn(([0x20, 0x02], 16), bytes) { return isPublic(Array(bytes[2..<6])) }
    return isIn(([0x20], 3), bytes) && !special6.contains { isIn($0, bytes) }
  }

  private static func isIn(_ range: (bytes: [UInt8], bits: Int), _ address: [UInt8]) -> Bool {
    (0..<range.bits).allSatisfy { bit in
      (range.bytes[bit / 8] ^ address[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
    }
  }
}

/// Lets one request reach addresses of the open network alone; lives on the request's thread.
final class PublicGate {
  /// The address that was to be asked last, behind redirects too, was none that may be.
  fileprivate(set) var isReason = false

  static func words(_ host: String) -> String {
    "\(host) is an address of this machine or of a local network, which are not asked from here"
  }

  /// The handle calls it inside `curl_easy_perform`, which it outlives, so it is not retained for that.
  func attach(to handle: UnsafeMutableRawPointer) {
    let me = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe _ = ridley_curl_set_pointer(handle, CURLOPT_OPENSOCKETDATA, me)
    unsafe _ = ridley_curl_set_opener(handle, openPublic)
  }
}

/// Called by libcurl on the request's own thread, with the address that a name led to, before it connects.
@c private func openPublic(
  _ context: UnsafeMutableRawPointer?, _ purpose: curlsocktype, _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
  guard let address = unsafe address, let context = unsafe context else { return CURL_SOCKET_BAD }
  let gate = unsafe Unmanaged<PublicGate>.fromOpaque(context).takeUnretainedValue()
  let length = unsafe Int(address.pointee.addrlen)
  let raw = unsafe withUnsafeBytes(of: &address.pointee.addr) { _ in
    unsafe UnsafeRawBufferPointer(
      start: UnsafeRawPointer(address) + MemoryLayout<curl_sockaddr>.offset(of: \.addr)!, count: length)
  }
  let bytes =
    switch unsafe address.pointee.family {
    case AF_INET where length >= 8: unsafe Array(raw[4..<8])
    case AF_INET6 where length >= 24: unsafe Array(raw[8..<24])
    default: [UInt8]()
    }
  gate.isReason = !PublicAddress.isPublic(bytes)
  guard !gate.isReason else { return CURL_SOCKET_BAD }
  return unsafe socket(
    address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), address.pointee.protocol)
}
