import Testing

@testable import MediaProcess

struct DamageTrailTests {
  @Test("Damage goes on to the next whole picture that stands alone, and over those shown before it")
  func goesOn() {
    var (trail, told) = (DamageTrail(), [Bool]())
    // A key, two pictures, one that is not whole, one after it, a broken key, a whole one, one shown before it, one after.
    let sent: [(isKey: Bool, isWhole: Bool, time: Double)] = [
      (true, true, 0), (false, true, 1), (false, false, 2), (false, true, 3), (true, false, 4), (false, true, 5),
      (true, true, 8), (false, true, 7), (false, true, 9),
    ]
    for (number, one) in sent.enumerated() {
      told.append(trail.note(tag: number + 1, isKey: one.isKey, isWhole: one.isWhole, time: one.time))
    }
    #expect(told == [false, false, true, true, true, true, false, true, false])
  }

  @Test("What a decoder guessed spoils what comes behind it, but nothing behind a later picture that stands alone")
  func guessed() {
    var trail = DamageTrail()
    for tag in 1...5 { _ = trail.note(tag: tag, isKey: tag == 1 || tag == 4, isWhole: true, time: Double(tag)) }
    let (early, late) = (trail.spoil(tag: 3, time: 3), trail.spoil(tag: 5, time: 5))
    #expect(!early && late)
    let next = trail.note(tag: 6, isKey: false, isWhole: true, time: 6)
    #expect(next)
  }

  @Test("Where nothing comes that stands alone it is hopeless after a while, but not where nothing ever did")
  func hopeless() {
    var (trail, other) = (DamageTrail(), DamageTrail())
    _ = trail.note(tag: 1, isKey: true, isWhole: true, time: 0)
    _ = trail.note(tag: 2, isKey: false, isWhole: false, time: 1)
    _ = other.note(tag: 1, isKey: false, isWhole: false, time: 1)
    #expect(!trail.isHopeless(at: 30) && trail.isHopeless(at: 32) && !other.isHopeless(at: 1000))
  }
}
