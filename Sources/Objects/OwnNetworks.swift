internal import Base
internal import CCurl
internal import Glibc
internal import Synchronization

/// Addresses that begin alike.
struct AddressRange: Sendable, Hashable {
  /// As many as are needed for the bits, or more.
  let bytes: [UInt8]
  /// How many of their bits count.
  let bits: Int

  init(_ bytes: [UInt8], _ bits: Int) { (self.bytes, self.bits) = (bytes, bits) }

  /// Whether an address of the same version is one of them.
  func holds(_ address: [UInt8]) -> Bool {
    (0..<bits).allSatisfy { bit in (bytes[bit / 8] ^ address[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0 }
  }
}

/// The addresses that this machine has, and the networks that its interfaces stand in: whatever range they are of, they lead to it and to its neighbours.
struct OwnNetworks: Sendable, Hashable {
  private(set) var ranges: [AddressRange] = []

  /// Bits of a network that count for its neighbours, at least.
  ///
  /// One that is wider holds more of the world than of a neighbourhood, and would lock all of that out. An address of this machine's own counts
  /// in any case.
  static func leastBits(of address: [UInt8]) -> Int { address.count == 4 ? 8 : 32 }

  init() {}

  /// An address at an interface, or the one at the other end of its line, and how many bits of it are its network's.
  mutating func add(_ address: [UInt8], bits: Int) {
    ranges.append(AddressRange(address, 8 * address.count))
    guard (Self.leastBits(of: address)..<8 * address.count).contains(bits) else { return }
    ranges.append(AddressRange(address, bits))
  }

  func holds(_ address: [UInt8]) -> Bool {
    ranges.contains { $0.bytes.count == address.count && $0.holds(address) }
  }

  private struct Look: Sendable {
    var found: OwnNetworks?
    var end: UInt64 = 0
  }

  private static let last = Mutex(Look())
  /// Nanoseconds for which what the system said counts: interfaces come and go.
  private static let age: UInt64 = 1_000_000_000

  /// Those of by now; `nil` where the system does not tell, and nobody knows which addresses are this machine's.
  static var now: OwnNetworks? {
    last.withLock { last in
      let now = Clock.now
      if now >= last.end { last = Look(found: ask(), end: now + age) }
      return last.found
    }
  }

  private static func ask() -> OwnNetworks? {
    var first = unsafe UnsafeMutablePointer<ifaddrs>?.none
    guard unsafe getifaddrs(&first) == 0 else { return nil }
    defer { unsafe freeifaddrs(first) }
    var (found, next) = (OwnNetworks(), unsafe first)
    while let one = unsafe next {
      unsafe next = one.pointee.ifa_next
      guard let own = unsafe SocketAddress(one.pointee.ifa_addr)?.host else { continue }
      let mask = unsafe SocketAddress(one.pointee.ifa_netmask)?.host ?? []
      let bits = mask.count == own.count ? Self.bits(mask) : 8 * own.count
      found.add(own, bits: bits)
      // The other end of a line between two; elsewhere the address of all in the network, which is one of it.
      if let other = unsafe SocketAddress(one.pointee.ifa_ifu.ifu_dstaddr)?.host, other.count == own.count {
        found.add(other, bits: bits)
      }
    }
    return found
  }

  /// Ones at the beginning of a mask.
  private static func bits(_ mask: [UInt8]) -> Int {
    let whole = mask.prefix { $0 == 0xff }.count
    return 8 * whole + (whole < mask.count ? (~mask[whole]).leadingZeroBitCount : 0)
  }
}
