import TestKit
import Testing

@testable import Isolation

/// The journal is one for the whole process, so names here are those of no other test.
@Suite(.serialized, .ownThread)
struct CrashJournalTests {
  @Test("What was at work counts a crash, once; what had ended, and what was ended from outside, does not")
  func counts() {
    let (busy, idle) = (CrashJournal.mark("journal/busy"), CrashJournal.mark("journal/idle"))
    busy.begin()
    busy.begin()
    idle.begin()
    idle.end()
    CrashJournal.Mark.none.begin()
    CrashJournal.recordCrash(isFromOutside: false)
    #expect(CrashJournal.crashes(of: "journal/busy") == 1 && CrashJournal.crashes(of: "journal/idle") == 0)
    CrashJournal.recordCrash(isFromOutside: false)
    #expect(CrashJournal.crashes(of: "journal/busy") == 1, "the process that worked is gone, and its work with it")
    busy.begin()
    CrashJournal.recordCrash(isFromOutside: true)
    CrashJournal.recordCrash(isFromOutside: false)
    #expect(CrashJournal.crashes(of: "journal/busy") == 1)
  }

  @Test("Of many crashes one is remembered where it is wanted again")
  func forgives() {
    for _ in 0..<3 { CrashJournal.recordCrash(of: "journal/fragile") }
    #expect(CrashJournal.crashes(of: "journal/fragile") == 3)
    CrashJournal.forgive("journal/fragile")
    #expect(CrashJournal.crashes(of: "journal/fragile") == 1)
    CrashJournal.forgive("journal/new")
    #expect(CrashJournal.crashes(of: "journal/new") == 0)
  }
}
