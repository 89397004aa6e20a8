import Testing

@testable import Objects

struct OwnNetworksTests {
  private func own(_ pairs: [([UInt8], Int)]) -> OwnNetworks {
    var own = OwnNetworks()
    for (address, bits) in pairs { own.add(address, bits: bits) }
    return own
  }

  private func six(_ start: [UInt8], _ last: UInt8) -> [UInt8] {
    start + Array(repeating: 0, count: 15 - start.count) + [last]
  }

  @Test("An address of the open network is closed where it is this machine's own, or of a network that it stands in")
  func neighbours() {
    let global: [UInt8] = [0x2a, 0, 0x14, 0x50]
    let own = own([([198, 35, 26, 96], 24), (six(global, 1), 64), ([8, 8, 8, 8], 32), (six([0x2a, 1], 1), 128)])
    for address in [[198, 35, 26, 96], [198, 35, 26, 97], [8, 8, 8, 8], six(global, 1), six(global, 2)] {
      #expect(!PublicAddress.isPublic(address, own: own), "\(address)")
      #expect(PublicAddress.isPublic(address, own: OwnNetworks()), "\(address)")
    }
    for address in [[198, 35, 27, 96], [8, 8, 8, 9], six([0x2a, 0, 0x14, 0x50, 0, 0, 0, 1], 1), six([0x2a, 1], 2)] {
      #expect(PublicAddress.isPublic(address, own: own), "\(address)")
    }
    // As they stand in addresses of version 6.
    let mapped: [UInt8] = Array(repeating: 0, count: 10) + [0xff, 0xff, 198, 35, 26, 97]
    let tunnelled = six([0x20, 0x02, 198, 35, 26, 97], 1)
    #expect(!PublicAddress.isPublic(mapped, own: own) && !PublicAddress.isPublic(tunnelled, own: own))
    #expect(PublicAddress.isPublic(mapped, own: OwnNetworks()))
  }

  @Test("Lines between two close both ends, and networks of everybody no more than the own address")
  func borders() {
    let narrow = own([([198, 35, 32, 0], 31), ([198, 35, 31, 1], 32), (six([0x2a, 2], 0), 127)])
    for address in [[198, 35, 32, 0], [198, 35, 32, 1], [198, 35, 31, 1], six([0x2a, 2], 0), six([0x2a, 2], 1)] {
      #expect(!PublicAddress.isPublic(address, own: narrow), "\(address)")
    }
    #expect(PublicAddress.isPublic([198, 35, 32, 2], own: narrow))
    let absurd = own([([198, 35, 26, 96], 0), (six([0x2a, 0], 1), 3)])
    #expect(!PublicAddress.isPublic([198, 35, 26, 96], own: absurd))
    #expect(PublicAddress.isPublic([198, 35, 26, 97], own: absurd))
    #expect(PublicAddress.isPublic(six([0x2a, 0], 2), own: absurd))
  }

  @Test("What the system tells holds this machine's own addresses; where it tells nothing, nothing is open")
  func system() throws {
    let now = try #require(OwnNetworks.now)
    #expect(now.holds([127, 0, 0, 1]) && !now.holds([93, 184, 216, 34]))
    #expect(!PublicAddress.isPublic([93, 184, 216, 34], own: nil))
  }
}
