internal import CCurl
internal import Glibc

/// Which addresses belong to the open network: none for special purposes, by IANA's registries (RFC 6890 and what updates it), and none of this
/// machine's own or of the networks that it stands in.
enum PublicAddress {
  private static let special4: [AddressRange] = [
    .init([0], 8), .init([10], 8), .init([100, 64], 10), .init([127], 8), .init([169, 254], 16), .init([172, 16], 12),
    .init([192, 0, 0], 24), .init([168, 63, 129, 16], 32), .init([192, 0, 2], 24), .init([192, 88, 99], 24),
    .init([192, 168], 16), .init([198, 18], 15), .init([198, 51, 100], 24), .init([203, 0, 113], 24),
    .init([224], 4), .init([240], 4),
  ]
  private static let open6 = AddressRange([0x20], 3)
  /// Of version 6 all are open that stand in 2000::/3, but for these.
  private static let special6: [AddressRange] = [
    .init([0x20, 0x01, 0x00], 23), .init([0x20, 0x01, 0x0d, 0xb8], 32), .init([0x3f, 0xff, 0x00], 20),
  ]
  /// Those of version 6 that lead to one of version 4, and where that stands in them: mapped, translated (RFC 6052) and 6to4 (RFC 3056).
  private static let leading: [(range: AddressRange, place: Range<Int>)] = [
    (AddressRange(Array(repeating: 0, count: 10) + [0xff, 0xff], 96), 12..<16),
    (AddressRange([0, 0x64, 0xff, 0x9b] + Array(repeating: 0, count: 8), 96), 12..<16),
    (AddressRange([0x20, 0x02], 16), 2..<6),
  ]

  /// `bytes` are 4 of an address of version 4, or 16 of version 6; where nobody knows what is this machine's own, none is open.
  static func isPublic(_ bytes: [UInt8], own: OwnNetworks? = OwnNetworks.now) -> Bool {
    guard let own, !own.holds(bytes) else { return false }
    if bytes.count == 4 { return !special4.contains { $0.holds(bytes) } }
    guard bytes.count == 16 else { return false }
    if let (_, place) = leading.first(where: { $0.range.holds(bytes) }) {
      return isPublic(Array(bytes[place]), own: own)
    }
    return open6.holds(bytes) && !special6.contains { $0.holds(bytes) }
  }
}

/// Lets one request reach addresses of the open network alone; lives on the request's thread.
final class PublicGate {
  /// The address that was to be asked last, behind redirects too, was none that may be.
  fileprivate(set) var isReason = false

  static func words(_ host: String) -> String {
    OwnNetworks.now == nil
      ? "the system does not tell which addresses are this machine's own (getifaddrs), so that \(host) is not asked from here"
      : "\(host) is an address of this machine or of a local network, which are not asked from here"
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
  // The address lies behind the head of the structure, and may be longer than its last member.
  let place = unsafe UnsafeRawPointer(address) + MemoryLayout<curl_sockaddr>.offset(of: \.addr)!
  let found = unsafe SocketAddress(
    place.assumingMemoryBound(to: sockaddr.self), byteCount: Int(address.pointee.addrlen))
  gate.isReason = !(found?.isPublic ?? false)
  guard !gate.isReason else { return CURL_SOCKET_BAD }
  return unsafe socket(
    address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), address.pointee.protocol)
}
