// How the program was started, as the C library told it: Swift asks /proc, which is not everywhere.
#pragma once

/// The words of the command line, the program's own name first; they stay where they are for as long as the program runs.
int ridley_word_count(void);
const char *ridley_word(int place);

/// The file that the system was told to run, from the folder that was the current one then; null where it does not say.
const char *ridley_started_file(void);
