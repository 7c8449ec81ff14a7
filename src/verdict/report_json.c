#include "verdict/verdict.h"
