import Analysis
import Base
import Media
import TestKit
import Testing

struct AgendaTests {
  @Test("Whole files go out while there are as many as workers; the last ones are cut")
  func order() {
    var agenda = Agenda(workers: 2, canBeCut: [true, true, true, false])
    #expect(agenda.next() == .whole(file: 0))
    #expect(agenda.next() == .whole(file: 1))
    agenda.end(1)
    #expect(agenda.next() == .whole(file: 2))
    #expect(agenda.next() == .whole(file: 3), "it can be opened by one worker alone")
    var single = Agenda(workers: 2, canBeCut: [true])
    #expect(single.next() == .plan(file: 0))
    #expect(single.next() == nil)
    single.plan(0, parts: 3)
    #expect(single.next() == .part(file: 0, part: 0))
    #expect(single.next() == .part(file: 0, part: 1))
    single.answer(0, part: 1)
    #expect(single.next() == .part(file: 0, part: 2))
    #expect(single.next() == nil)
    single.answer(0, part: 0)
    single.answer(0, part: 2)
    #expect(single.next() == .merge(file: 0, parts: 3, isStopped: false))
    #expect(!single.isDone)
    single.end(0)
    #expect(single.isDone && single.share == 1)
  }

  @Test("A file in doubt is looked at as a whole, once, and what its parts say after that counts no more")
  func doubt() {
    var agenda = Agenda(workers: 3, canBeCut: [true])
    _ = agenda.next()
    agenda.plan(0, parts: 2)
    let parts = [agenda.next(), agenda.next()]
    agenda.doubt(0)
    #expect(agenda.next() == .whole(file: 0))
    #expect(!agenda.needs(parts[1]!))
    agenda.answer(0, part: 1)
    agenda.doubt(0)
    #expect(agenda.next() == nil && agenda.needs(.whole(file: 0)))
    agenda.end(0)
    #expect(agenda.isDone)
  }

  @Test("A run that is stopped begins nothing new, and puts together what there is from the start on")
  func stopped() {
    var agenda = Agenda(workers: 3, canBeCut: [true, true])
    #expect(agenda.next() == .plan(file: 0))
    agenda.plan(0, parts: 5)
    for part in 0..<3 { #expect(agenda.next() == .part(file: 0, part: part)) }
    agenda.answer(0, part: 0)
    agenda.answer(0, part: 2)
    agenda.stop()
    #expect(agenda.next() == nil, "one part is still at work")
    agenda.answer(0, part: 1, isStopped: true)
    #expect(agenda.next() == .merge(file: 0, parts: 2, isStopped: true))
    agenda.end(0)
    #expect(agenda.isDone && agenda.next() == nil)
  }

  @Test("However workers answer, every file is done once, and nothing is left", arguments: 0..<200)
  func any(seed: Int) {
    var dice = SeededRandom(UInt64(seed))
    let files = Int.random(in: 1...6, using: &dice)
    let workers = Int.random(in: 2...4, using: &dice)
    var agenda = Agenda(workers: workers, canBeCut: (0..<files).map { _ in Bool.random(using: &dice) })
    var (open, told, steps) = ([Agenda.Work](), [Int](), 0)
    while !agenda.isDone, steps < 1000 {
      steps += 1
      while open.count < workers, let work = agenda.next() {
        #expect(agenda.needs(work))
        open.append(work)
      }
      guard !open.isEmpty else { break }
      let work = open.remove(at: Int.random(in: open.indices, using: &dice))
      switch work {
      case .plan(let file): agenda.plan(file, parts: Int.random(in: 0...4, using: &dice))
      case .part(let file, let part):
        if Int.random(in: 0..<6, using: &dice) == 0 { agenda.doubt(file) } else { agenda.answer(file, part: part) }
      case .whole(let file), .merge(let file, _, _):
        guard agenda.needs(work) else { continue }
        agenda.end(file)
        told.append(file)
      }
    }
    #expect(agenda.isDone && told.sorted() == Array(0..<files), "\(told)")
  }
}
