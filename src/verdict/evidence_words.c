#include "verdict/judging.h"

void evidence_of_words(struct judging *at)
{
    (void)at;
}
