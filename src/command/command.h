/* command: the verbs of the command line, one file each. argv[0] is the verb; the answer is the exit status. */
#pragma once

int command_scan(int argc, char **argv);  /* 0: all clean; 1: something suspicious or malicious; 2: something could not be read */
int command_serve(int argc, char **argv); /* 0: it was told to end; 1: it could not go on; 2: it could not begin */
int command_eval(int argc, char **argv);  /* 0; 1: a verdict changed under --perturb; 2: something could not be read */
int command_fit(int argc, char **argv);   /* 0, or 2 */
int command_check_config(int argc, char **argv); /* 0: in order; 1: warnings, with --strict; 2: faults */
int command_apply(int argc, char **argv);   /* 0: all was done; 1: something was left as it is; 2 */
int command_explain(int argc, char **argv); /* 0, or 2 */
int command_hunt(int argc, char **argv);    /* 0; 1: nothing was found; 2 */
int command_replay(int argc, char **argv);  /* 0; 1: a verdict changes; 2 */
int command_why_not(int argc, char **argv); /* 0, or 2 */
int command_correct(int argc, char **argv); /* 0, or 2 */
int command_allow(int argc, char **argv);   /* 0, or 2 */
int command_deny(int argc, char **argv);    /* 0, or 2 */
int command_held(int argc, char **argv);    /* 0; 1: nothing is held that fits; 2 */
int command_outbox(int argc, char **argv);  /* 0, or 2 */
int command_appeals(int argc, char **argv); /* 0, or 2 */
int command_forget(int argc, char **argv);  /* 0, or 2 */
int command_store(int argc, char **argv); /* 0; 1: check found faults; 2: something could not be done */
int command_seal(int argc, char **argv);  /* 0: every message bears a seal of ours, unchanged; 1: some do not; 2 */
int command_key(int argc, char **argv);   /* 0, or 2 */
int command_table(int argc, char **argv); /* 0, or 2 with the reason on standard error */
