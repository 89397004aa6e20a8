/// A loop's connections by tag: a place and how often it was given away, so that a late event finds no connection.
struct ConnectionTable {
  private var places: [Connection?] = []
  private var turns: [UInt32] = []
  private var free: [Int] = []

  var count: Int { places.count - free.count }
  var all: [Connection] { places.compactMap(\.self) }

  subscript(tag: UInt64) -> Connection? {
    let place = Int(tag & 0xffff_ffff)
    return turns[place] == UInt32(tag >> 32) ? places[place] : nil
  }

  mutating func add(_ make: (UInt64) -> Connection) -> Connection {
    let place = free.popLast() ?? places.count
    if place == places.count {
      places.append(nil)
      turns.append(0)
    }
    let made = make(UInt64(turns[place]) << 32 | UInt64(place))
    places[place] = made
    return made
  }

  mutating func remove(_ tag: UInt64) {
    let place = Int(tag & 0xffff_ffff)
    places[place] = nil
    turns[place] = turns[place] &+ 1 & 0x7fff_ffff
    free.append(place)
  }
}
