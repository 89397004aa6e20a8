#ifndef RIDLEY_CPROGRAM_H
#define RIDLEY_CPROGRAM_H

// What the loader gave this program: Swift asks /proc for it, which some containers and sandboxes do not have.

/// How many words the command line has, the program's own name among them.
int ridley_word_count(void);

/// A word of it, as long as the process lives.
const char *ridley_word(int index);

/// The path by which the system was asked to run this program, maybe meant from the folder it began in; null where it is not told.
const char *ridley_program_path(void);

/// How many cores this process may use; 0 where the system does not tell, or has more of them than fit.
int ridley_core_count(void);

/// Has this thread, and what it starts from now on, run on the last so many of them; 0 where that was done.
int ridley_keep_to_cores(int count);

#endif
