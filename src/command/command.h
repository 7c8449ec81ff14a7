/* command: the verbs of the command line, one file each. */
#pragma once

int command_scan(int argc, char **argv);
